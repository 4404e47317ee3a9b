import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { Buffer } from "node:buffer";
import { AuthError, ConfigError } from "../core/error.ts";
import { PasswordWork } from "./password_work.ts";
import { isPkcs12, openedKey, readPkcs12 } from "./pkcs12.ts";

// Made with `openssl pkcs12 -export` 3.0.19 of a key that is used nowhere; `LEGACY` with -legacy: RC2 with 40 bits and triple
// DES, as Windows wrote them; `BARE` with -nomac and a certificate that is not sealed. The passwords are Wörd1, Wörd1, x and "".
const MODERN = read(
  "MIIETAIBAzCCBAIGCSqGSIb3DQEHAaCCA/MEggPvMIID6zCCAqIGCSqGSIb3DQEHBqCCApMwggKPAgEAMIICiAYJKoZIhvcNAQcBMFcGCSqGSI" +
    "b3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgjmW0fqEkiNAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEMZBJk1C5DL9ptwZAHF2flCA" +
    "ggIgtF0GR7KdK4i9O1wOFTX4Ll0jPRifErmcXQhIVeXAFzxoxGohewn/9o/h0NezgW+uNlSxMLzM3X1SCT8BEwVhQ8BZa8dmJkUy3iA0TM1Tpi" +
    "0rraJoRkh1xuymZTasMG+UxS5eTZPCDZyoj+veYoj6764bBykmeo9BcdME0nBU0OB7ONnqHEOKQajhC+wgu9VI4zffrVhgq7L4/XY/ZLQlBppT" +
    "ndemIptvwov7zgafxsiKsrbEnYhNSd9Une9e0KUyx7Rc9ictJq1Uwvw9Bu0hM7u2JSrC8EeJSW9i0FmDyKFlFnVhZWqcCv8UBJdxdA3i8vudJa" +
    "6N+REKP6pb4qpsmTkJZasfvbgKjrUyl8a1iyLKz6blzG/MUs44ngYLmp55MI6NoHx3t6EUhs9pmtgEJMxR7Mb3yTjl4r+nyxLUqUSbNNBWugoO" +
    "BqDxuHNtoHWFx88TbPkrbJyiHv+Hnf8gz+G+K+2FQS4hOvZjOmeFJu66vYPLLoOXyWP8TpSPL7UkToMmhPLT+3nSkrHcN4vx7f77/ohQylXcnu" +
    "EUFcP1hXf6x5MKdG+tPK7Ut+vZa2XLHbreGFHsIXOgekB7KOYOWm0T6jbn11WzHrmdb2WY15mVzgj0JII1RCPr/NkzPLvAhXAjV22Wbv/39E2W" +
    "y1W0cqMRVqWGTm0VtGVwaF3dUdPT/Z8VvDsEEoY9FTdIFpt6E6PUzYdo2MNzuVoKdvJl/zCCAUEGCSqGSIb3DQEHAaCCATIEggEuMIIBKjCCAS" +
    "YGCyqGSIb3DQEMCgECoIHvMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiLclxclU5wjwICCAAwDAYIKoZIhvcNAgkFADAdBglg" +
    "hkgBZQMEASoEEOyI4xevpsM6acoDM5V/EAsEgZC1C1i2w+loBgcEKLZyQh1OxOTUkCcJvrU/MPMIJL0Lcof7L3IJ5BDbj9fgfGzIX7mHfg07kO" +
    "s17Ux7FIZmrpoVmmbtfydIELOIyPKh1gsHE+DAB0zYoI0Hn0cK/OyhsU11VO2BmJpUPsGbRa8SyyfvPpRWyvfnGAn5KQ5smexy6PT8myLoMtP3" +
    "3bgp2cEB1B0xJTAjBgkqhkiG9w0BCRUxFgQUGgDeNATCfOT+DpUYBsrnYPUfg88wQTAxMA0GCWCGSAFlAwQCAQUABCALmKcMMwxA7r/5On7acw" +
    "DrZOfKS9x+A1U8z9L8/wMchwQIxMaxAn+Mm4QCAggA",
);
const LEGACY = read(
  "MIIDugIBAzCCA4AGCSqGSIb3DQEHAaCCA3EEggNtMIIDaTCCAl8GCSqGSIb3DQEHBqCCAlAwggJMAgEAMIICRQYJKoZIhvcNAQcBMBwGCiqGSI" +
    "b3DQEMAQYwDgQIvFw1Mw7NDgsCAggAgIICGJDtsHCDxZi2vmckL9JDOcFdhVDsU8AqGSA1b3VkUlFkjnr3GQOBah7JhPHDOd4nrYP3YvvCfaRd" +
    "9c0kUk3rh8nYrYHdHM3ifp/lPznYm8cXn4raPLRzWseL6P2ttofNLTYMkG4y+qAgs9zSz6WTIZ32Zb+qqBOpsS0iVgHG+TpP/jmZO0MiUx2fvd" +
    "788GJIEaGciUSoRuYeEs6QUTjT29RxAX7ElBkj1Zf05PREJkVr+SUa+gQ1lfVQvSsO0OHFsDcUCvItLOmSWSInMffBYsksNoUlMGZUzrPNf/d9" +
    "Lj4YnHO963EMdXAmXPcEyrYX9z9fw7xJtR0GhN3pQhHQbEYzPzd0cAKkdfDNt+4uWOzSjAWweHhXQ6b72yWJS5ZP0be1WtBUjN1ZeXsJX5y/74" +
    "tKVC/QFrKgXeZLCxqqw1wgPvesaz/h3g/XgZfgRCFn2TIoyMyApaSHpLaB7D792E05csyKEy7VRgVTV0c4srCCCaoMAuLkEeWHVhPCV25G+eC/" +
    "pgIkzUCXG5UZYtklgf6Np5wOPB3ImP+nSm1NMFZlU7xcARy9GVsSyGaS3iH0/L9E6WIK5360XiNIFpqnfHnE+CyWiTtHOsQcYf8SHB0fB5WHbT" +
    "Z7aqPusKXYIm+szO8hH4pD6rogLGvq/JqKtup/ykOqDamaupMtFivwyRzhTANwBQO5r6mf5/bqXTw6UkOIyXJvdLPKMIIBAgYJKoZIhvcNAQcB" +
    "oIH0BIHxMIHuMIHrBgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECCuzHLYCIkxRAgIIAASBkAbWXxORNLHCotmTU4osxl9Zzj" +
    "5k3AywBY78w7tqAEbH1fsDhYuj1zmSDn4UBtWAXQ40fAvWAi1/kuIV3Y3FLtqTtLjEXqEVsWvol9ne1ZwJcJtzHZTQZI+iSxu23ivOmNqWshCS" +
    "6uX0wxWmWPByFF5iFOhCqDNGM0TceiNSxuomm1bHOpTnMZxMW7/pGfeGYjElMCMGCSqGSIb3DQEJFTEWBBQaAN40BMJ85P4OlRgGyudg9R+Dzz" +
    "AxMCEwCQYFKw4DAhoFAAQUB4Niopf1R1F9SzV5dUfZwpUZ+AAECPmvQDIM/ljFAgIIAA==",
);
const BARE = read(
  "MIIDUQIBAzCCA0oGCSqGSIb3DQEHAaCCAzsEggM3MIIDMzCCAikGCSqGSIb3DQEHAaCCAhoEggIWMIICEjCCAg4GCyqGSIb3DQEMCgEDoIIB1j" +
    "CCAdIGCiqGSIb3DQEJFgGgggHCBIIBvjCCAbowggFgoAMCAQICFGxVIiMRQx0B7q4KsMNH/lvAC0fGMAoGCCqGSM49BAMCMCAxDjAMBgNVBAoM" +
    "BVBsYW50MQ4wDAYDVQQDDAVwcmVzczAgFw0yNjExMjUwMjIxNDZaGA8yMTI2MTEwMTAyMjE0NlowIDEOMAwGA1UECgwFUGxhbnQxDjAMBgNVBA" +
    "MMBXByZXNzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEualfIUOcSbHqF/QvNkEIPo1/t+k1yZI63dTINsA/ituOYSyJQKzqiSpA8iDl139c" +
    "+OzjyBgMVHd56jgC6bVSQaN2MHQwHQYDVR0OBBYEFNrdRznbPHGtBWWDxvfUPK0uauCfMB8GA1UdIwQYMBaAFNrdRznbPHGtBWWDxvfUPK0uau" +
    "CfMA8GA1UdEwEB/wQFMAMBAf8wIQYDVR0RBBowGIYPdXJuOnBsYW50OnByZXNzggVwcmVzczAKBggqhkjOPQQDAgNIADBFAiEA+EAtPsNwZYDS" +
    "Xxp7Dg4omNCTgcJYj/AaOjM9hv58ze0CIG+M7OzVg+3yI6Ak1qBuz8H5jv5O7U39ZVv8SjTV1jqOMSUwIwYJKoZIhvcNAQkVMRYEFBoA3jQEwn" +
    "zk/g6VGAbK52D1H4PPMIIBAgYJKoZIhvcNAQcBoIH0BIHxMIHuMIHrBgsqhkiG9w0BDAoBAqCBtDCBsTAcBgoqhkiG9w0BDAEDMA4ECFDYOORE" +
    "GNBCAgIIAASBkI0UunWhZZMlYmLZsd8N8BWfym5lDxv+wXw1ryjN4TcoczpK/nkur0loZQ4eOKkjuTg9awNUmtEhhg1JEnEQ2TvkjluxSnRsb/" +
    "ruE231wNHf5TbbQwYuQGpTHnWgNf2xo3t2f7QKLpcvHMW+T8UWIE7l6HV8/ATRXxFmLyIQ44wxyZMyilkj3jCaCn8E254rIjElMCMGCSqGSIb3" +
    "DQEJFTEWBBQaAN40BMJ85P4OlRgGyudg9R+Dzw==",
);
/** With -certpbe NONE: the certificate is not sealed, and the MAC answers for it. */
const OPEN = read(
  "MIID0wIBAzCCA4kGCSqGSIb3DQEHAaCCA3oEggN2MIIDcjCCAikGCSqGSIb3DQEHAaCCAhoEggIWMIICEjCCAg4GCyqGSIb3DQEMCgEDoIIB1j" +
    "CCAdIGCiqGSIb3DQEJFgGgggHCBIIBvjCCAbowggFgoAMCAQICFGxVIiMRQx0B7q4KsMNH/lvAC0fGMAoGCCqGSM49BAMCMCAxDjAMBgNVBAoM" +
    "BVBsYW50MQ4wDAYDVQQDDAVwcmVzczAgFw0yNjExMjUwMjIxNDZaGA8yMTI2MTEwMTAyMjE0NlowIDEOMAwGA1UECgwFUGxhbnQxDjAMBgNVBA" +
    "MMBXByZXNzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEualfIUOcSbHqF/QvNkEIPo1/t+k1yZI63dTINsA/ituOYSyJQKzqiSpA8iDl139c" +
    "+OzjyBgMVHd56jgC6bVSQaN2MHQwHQYDVR0OBBYEFNrdRznbPHGtBWWDxvfUPK0uauCfMB8GA1UdIwQYMBaAFNrdRznbPHGtBWWDxvfUPK0uau" +
    "CfMA8GA1UdEwEB/wQFMAMBAf8wIQYDVR0RBBowGIYPdXJuOnBsYW50OnByZXNzggVwcmVzczAKBggqhkjOPQQDAgNIADBFAiEA+EAtPsNwZYDS" +
    "Xxp7Dg4omNCTgcJYj/AaOjM9hv58ze0CIG+M7OzVg+3yI6Ak1qBuz8H5jv5O7U39ZVv8SjTV1jqOMSUwIwYJKoZIhvcNAQkVMRYEFBoA3jQEwn" +
    "zk/g6VGAbK52D1H4PPMIIBQQYJKoZIhvcNAQcBoIIBMgSCAS4wggEqMIIBJgYLKoZIhvcNAQwKAQKgge8wgewwVwYJKoZIhvcNAQUNMEowKQYJ" +
    "KoZIhvcNAQUMMBwECCGXeB9kCmyjAgIIADAMBggqhkiG9w0CCQUAMB0GCWCGSAFlAwQBKgQQdhPOmHcDBGjBiYbK0+j/9gSBkMh+sHrKhav9qY" +
    "m1kmZFqnGH4EUwlpKNydrR2E/1LK0UWREunncoqn7AgoMq02jiGdnWVMt/GKizuPp7e+VfirB1CSPQOdkrfVX1z+46DZjuM1LYIl2VWqSvQ2YL" +
    "Reczm1klEIcfJ6ESw0uZugS6HKinI/4LB/6qkiapvS+9TiAMZUJeok2X3PfA+jmaCZcj0TElMCMGCSqGSIb3DQEJFTEWBBQaAN40BMJ85P4OlR" +
    "gGyudg9R+DzzBBMDEwDQYJYIZIAWUDBAIBBQAEIFxWmSSyX2hZNguCTaDhYHqNLqua/lkaHXov1dfjSwsMBAgg7HSqrCHp9QICCAA=",
);
const WITHOUT_PASSWORD = read(
  "MIIETAIBAzCCBAIGCSqGSIb3DQEHAaCCA/MEggPvMIID6zCCAqIGCSqGSIb3DQEHBqCCApMwggKPAgEAMIICiAYJKoZIhvcNAQcBMFcGCSqGSI" +
    "b3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAg/PcYmLnCTugICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOjERSGingkas4FeeFf2+9CA" +
    "ggIgp+52Ung/1tz48uHfI3vlqC2StC3UzkzS00q8B8ky7hELCaIBHHGBJhung679GG0jtKybFteVOnvboG3qrb9mXWGNoaP0hUJ/AxxvYvsPGG" +
    "CCOKTfggKbQQwn44PIFihw1E9dxcqen+wF5vKaTbz7NvXJ3vJcALz7YUFxICz8uL8979WLVCPKgbbuP0phw+K0f+tLM/Ta8TUs4FgXL0P0ZqhP" +
    "php90zpHtDnBr38zBd9BLlG2WNrth9fjk72cwgQ7QxgBNhXahwG9bFk1RX45//uH/0hZIR4uFdmyLWiPZ2Kwy+UwCVsNZ+/X7zc85YO+5bfCB5" +
    "cUgBknNKRo1WjO0MjCl9mdxe1Pf6M/isoVEbkGk7e6qAtOFWLI/HE6JWtZ9ikM0x2iSD3yR0k6YOCRVA3kubr+OZD35vHboUZZqDOZY2fMsGzY" +
    "Lbr+y8+zsvWmBDGDtnFoLMjnCuE1xnhQCH/eGU/kBA3PzmnCdaCk51Z3NPpCp3IG7yKG7nhcEzhdpsxPILO31BS2dn7YpG6CqLnlJDL8BOSa4J" +
    "FcZ5e51oB0ngFjI479R0O05leAjES2LVBk3ctJbboDNZaSQ/TC0//Lfw78w1cK4kbdvvl4ZER0cI6CPw3+ECIqeueUmBa/qjz6qIUTKoDsIjmn" +
    "j/wtWv0czxCLKN09CelujcwqoVkiLXa/9HdAsJ7L4kRIlj62xztiE4djzXdG5oJ+aUZssDCCAUEGCSqGSIb3DQEHAaCCATIEggEuMIIBKjCCAS" +
    "YGCyqGSIb3DQEMCgECoIHvMIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiTNUO+nOC4AAICCAAwDAYIKoZIhvcNAgkFADAdBglg" +
    "hkgBZQMEASoEEHLkiorOFSy+EAnJjO/ugAsEgZBv0pAfB0MZkkSFiUszs82/HrUfkePSJGyh81dRPSrFOfHxDqGEChWXkC7sEg0YlBt4bUG/ub" +
    "Wf5hhJ4h7fl7DZpPQvYo7zNnTcQ97fqtLTmrE40gHqLvdAU+orjarbstVxNc+QIlRKt9QnXivh4zIXLaGVWCP+y1VjGnkkypzAJqeu4TSz4M6i" +
    "qOHoZItpILcxJTAjBgkqhkiG9w0BCRUxFgQUGgDeNATCfOT+DpUYBsrnYPUfg88wQTAxMA0GCWCGSAFlAwQCAQUABCAjjkZDH4fXAY5aiIGPMq" +
    "zs3WPBGkrhz8+TMXvi11WUpQQI4xiAwt5uajkCAggA",
);

function read(text: string): Uint8Array {
  return Uint8Array.fromBase64(text);
}

async function told(file: Uint8Array, password: string): Promise<[subject: string, isOfKey: boolean]> {
  const { certificates: [certificate], keys: [key] } = await readPkcs12(file, password, new PasswordWork());
  const made = new X509Certificate(certificate!);
  const privateKey = createPrivateKey({ key: Buffer.from(key!), format: "der", type: "pkcs8" });
  return [made.subject.replace("\n", ", "), made.checkPrivateKey(privateKey)];
}

const FILES: readonly (readonly [name: string, file: Uint8Array, password: string])[] = [
  ["of today: AES-256 and PBKDF2", MODERN, "Wörd1"],
  ["of old: RC2, triple DES and SHA-1", LEGACY, "Wörd1"],
  ["without a MAC, the certificate open", BARE, "x"],
  ["with an empty password", WITHOUT_PASSWORD, ""],
];

for (const [name, file, password] of FILES) {
  Deno.test(`readPkcs12() takes a file apart ${name}`, async () => {
    assert.equal(isPkcs12(file), true);
    assert.deepEqual(await told(file, password), ["O=Plant, CN=press", true]);
  });

  Deno.test(`readPkcs12() says that a password is wrong for a file ${name}`, async () => {
    await assert.rejects(
      readPkcs12(file, "another", new PasswordWork()),
      (error) => error instanceof AuthError && error.code === "pkcs12_password",
    );
  });
}

Deno.test("readPkcs12() takes nothing that was changed since it was sealed, though it is readable", async () => {
  assert.deepEqual(await told(OPEN, "x"), ["O=Plant, CN=press", true]);
  const name = new TextEncoder().encode("press");
  const at = OPEN.findIndex((_, i) => name.every((byte, k) => OPEN[i + k] === byte));
  await assert.rejects(readPkcs12(OPEN.with(at, 0x50), "x", new PasswordWork()), AuthError);
});

Deno.test("readPkcs12() refuses what is cut off at any byte, and comes to an end", async () => {
  for (let length = 0; length < MODERN.length; length += 7) {
    await assert.rejects(readPkcs12(MODERN.slice(0, length), "Wörd1", new PasswordWork()), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.match(error.message, /^The PKCS#12 file cannot be used: .*openssl pkcs12/);
      return true;
    });
  }
});

/** The sealed key in `MODERN`, by itself: PBES2 with an initial vector of 16 bytes. */
function sealedKey(): Uint8Array {
  const at = Buffer.from(MODERN).indexOf(Uint8Array.of(0x30, 0x81, 0xec, 0x30, 0x57));
  return MODERN.slice(at, at + 3 + 0xec);
}

Deno.test("openedKey() tells a wrong password apart from a damaged key", async () => {
  const key = sealedKey();
  const opened = (file: Uint8Array, password: string) => openedKey(file, password, new PasswordWork());
  assert.equal((await opened(key, "Wörd1"))[0], 0x30);
  await assert.rejects(opened(key, "another"), AuthError);
  const iv = Buffer.from(key).indexOf(Uint8Array.of(0x04, 0x10));
  const shortIv = key.with(iv + 1, 14).with(iv + 16, 5).with(iv + 17, 0); // and a NULL behind it
  await assert.rejects(opened(shortIv, "Wörd1"), { name: "ConfigError", code: "pkcs12_unreadable" });
  const content = key.length - 0x90 - 3; // 04 81 90
  const shorter = key.slice(0, -1).with(2, 0xec - 1).with(content + 2, 0x90 - 1);
  await assert.rejects(opened(shorter, "Wörd1"), /The private key cannot be opened: its length is none of aes-256-cbc/);
});

Deno.test("isPkcs12() takes no certificate, no text and nothing for one", () => {
  for (
    const bytes of [
      new Uint8Array(),
      new TextEncoder().encode("-----BEGIN CERTIFICATE-----"),
      Uint8Array.of(0x30, 3, 2, 1, 1),
    ]
  ) {
    assert.equal(isPkcs12(bytes), false);
  }
});
