/**
 * Conditions over named numbers, as people write them: `spool_bytes > 0.8 * max_spool_bytes and source_up == 0`. They
 * are parsed into a tree and computed from it; nothing of them is ever run as code.
 *
 * From loose to tight: `or`, `and`, `not`, one comparison (`< <= > >= == !=`), `+ -`, `* /`, a sign. Numbers may carry a
 * unit: `s m h d` for seconds, `KB MB GB` for bytes, `%` for hundredths. A name may choose among its series by labels,
 * `name{source="press"}`, and `rate(name)`, `increase(name)` say how a counter moves.
 */
export type Expression =
  | { readonly kind: "number"; readonly value: number }
  | NamedValue
  | { readonly kind: "change"; readonly per: "second" | "window"; readonly of: NamedValue }
  | { readonly kind: "negative" | "not"; readonly of: Expression }
  | { readonly kind: "both"; readonly sign: Sign; readonly left: Expression; readonly right: Expression };

/** A name, with the labels that its series must have. */
export interface NamedValue {
  readonly kind: "name";
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

type Sign = "or" | "and" | Comparison | "+" | "-" | "*" | "/";
type Comparison = (typeof COMPARISONS)[number];

const COMPARISONS = ["<=", ">=", "==", "!=", "<", ">"] as const;
const CALLS: ReadonlyMap<string, "second" | "window"> = new Map([["rate", "second"], ["increase", "window"]]);
const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["%", 0.01],
  ["s", 1],
  ["m", 60],
  ["h", 3600],
  ["d", 86_400],
  ["KB", 1e3],
  ["MB", 1e6],
  ["GB", 1e9],
]);
const MAX_TOKENS = 300;
/** Parentheses, signs and `not` within one another. */
const MAX_DEPTH = 32;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?)([A-Za-z]+|%)?|([A-Za-z_][A-Za-z0-9_]*)|("[^"\\]*")|(<=|>=|==|!=|[-+*/(){},<>=]))/y;

/** Why a text is no condition, with the place in it. */
export class ExpressionError extends Error {
  override readonly name = "ExpressionError";
}

type Token =
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "word" | "text" | "sign"; readonly text: string; readonly at: number };

/** @throws {ExpressionError} saying what is wrong and where */
export function parseExpression(text: string): Expression {
  const parser = new Parser(tokensOf(text), text.length);
  return parser.whole();
}

/** Whether it says yes or no, and not a number. */
export function isCondition(expression: Expression): boolean {
  switch (expression.kind) {
    case "not":
      return true;
    case "both":
      return !["+", "-", "*", "/"].includes(expression.sign);
    default:
      return false;
  }
}

/** Every name in it, with those whose change is asked for. */
export function namesIn(expression: Expression): readonly { readonly of: NamedValue; readonly isChange: boolean }[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "name":
      return [{ of: expression, isChange: false }];
    case "change":
      return [{ of: expression.of, isChange: true }];
    case "negative":
    case "not":
      return namesIn(expression.of);
    case "both":
      return [...namesIn(expression.left), ...namesIn(expression.right)];
  }
}

/** Where numbers come from. Undefined: nobody knows. */
export interface Known {
  value(of: NamedValue): number | undefined;
  change(of: NamedValue, per: "second" | "window"): number | undefined;
}

/** Its value; yes is 1 and no is 0. Undefined where what is not known decides, or something is divided by 0. */
export function evaluate(expression: Expression, known: Known): number | undefined {
  switch (expression.kind) {
    case "number":
      return expression.value;
    case "name":
      return finite(known.value(expression));
    case "change":
      return finite(known.change(expression.of, expression.per));
    case "negative": {
      const value = evaluate(expression.of, known);
      return value === undefined ? undefined : -value;
    }
    case "not": {
      const value = evaluate(expression.of, known);
      return value === undefined ? undefined : asNumber(value === 0);
    }
    case "both":
      return combine(expression.sign, evaluate(expression.left, known), evaluate(expression.right, known));
  }
}

function combine(sign: Sign, left: number | undefined, right: number | undefined): number | undefined {
  // One side may decide where the other is not known.
  if (sign === "and" && (left === 0 || right === 0)) return 0;
  if (sign === "or" && ((left ?? 0) !== 0 || (right ?? 0) !== 0)) return 1;
  if (left === undefined || right === undefined) return undefined;
  switch (sign) {
    case "and":
      return 1;
    case "or":
      return 0;
    case "+":
      return finite(left + right);
    case "-":
      return finite(left - right);
    case "*":
      return finite(left * right);
    case "/":
      return finite(left / right);
    default:
      return asNumber(compare(sign, left, right));
  }
}

function compare(sign: Comparison, left: number, right: number): boolean {
  switch (sign) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
    case "==":
      return left === right;
    case "!=":
      return left !== right;
  }
}

function asNumber(isSo: boolean): number {
  return isSo ? 1 : 0;
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end;) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text);
    if (!found) throw new ExpressionError(`"${text.slice(at, at + 10).trim()}" at ${at + 1} means nothing here`);
    tokens.push(tokenOf(found, at));
    if (tokens.length > MAX_TOKENS) throw new ExpressionError(`it has more than ${MAX_TOKENS} words and signs`);
    at = TOKEN.lastIndex;
  }
  return tokens;
}

function tokenOf([whole, digits, unit = "", word, quoted, sign = ""]: RegExpExecArray, from: number): Token {
  const at = from + whole.length - whole.trimStart().length;
  if (word !== undefined) return { kind: "word", text: word, at };
  if (quoted !== undefined) return { kind: "text", text: quoted.slice(1, -1), at };
  if (digits === undefined) return { kind: "sign", text: sign, at };
  const factor = UNITS.get(unit);
  if (factor === undefined) {
    const units = [...UNITS.keys()].filter((each) => each !== "").join(" ");
    throw new ExpressionError(`"${unit}" at ${at + digits.length + 1} is no unit: there are ${units}`);
  }
  return { kind: "number", value: Number(digits) * factor, at };
}

/** By recursive descent: a function for each step from loose to tight. */
class Parser {
  readonly #tokens: readonly Token[];
  readonly #length: number;
  #next = 0;
  #depth = 0;

  constructor(tokens: readonly Token[], length: number) {
    this.#tokens = tokens;
    this.#length = length;
  }

  whole(): Expression {
    const expression = this.#loose();
    if (this.#here) throw this.#unexpected("the end");
    return expression;
  }

  #loose(): Expression {
    return this.#chain(["or"], () => this.#chain(["and"], () => this.#negated()));
  }

  #negated(): Expression {
    if (!this.#take("not")) return this.#compared();
    return this.#deeper(() => ({ kind: "not", of: this.#negated() }));
  }

  #compared(): Expression {
    const left = this.#sum();
    const sign = this.#takeOf(COMPARISONS);
    if (sign === undefined) return left;
    const expression: Expression = { kind: "both", sign, left, right: this.#sum() };
    if (this.#takeOf(COMPARISONS)) throw new ExpressionError("it compares twice in a row: put and between the two");
    return expression;
  }

  #sum(): Expression {
    return this.#chain(["+", "-"], () => this.#chain(["*", "/"], () => this.#signed()));
  }

  #signed(): Expression {
    if (!this.#take("-")) return this.#single();
    return this.#deeper(() => ({ kind: "negative", of: this.#signed() }));
  }

  #single(): Expression {
    const token = this.#here;
    if (token?.kind === "number") {
      this.#next++;
      return { kind: "number", value: token.value };
    }
    if (this.#take("(")) {
      const inner = this.#deeper(() => this.#loose());
      this.#expect(")");
      return inner;
    }
    return this.#named();
  }

  #named(): Expression {
    const name = this.#word("a number or a name");
    if (!this.#take("(")) return { kind: "name", name, labels: this.#labels() };
    const per = CALLS.get(name);
    if (!per) throw new ExpressionError(`${name}() is not known: there are rate() and increase()`);
    const of: NamedValue = { kind: "name", name: this.#word("a name"), labels: this.#labels() };
    this.#expect(")");
    return { kind: "change", per, of };
  }

  #labels(): Record<string, string> {
    const labels: Record<string, string> = {};
    if (!this.#take("{")) return labels;
    do {
      const label = this.#word("a label");
      this.#expect("=");
      const token = this.#here;
      if (token?.kind !== "text") throw this.#unexpected('a text in "quotes"');
      this.#next++;
      labels[label] = token.text;
    } while (this.#take(","));
    this.#expect("}");
    return labels;
  }

  #chain<S extends Sign>(signs: readonly S[], part: () => Expression): Expression {
    let left = part();
    for (let sign = this.#takeOf(signs); sign !== undefined; sign = this.#takeOf(signs)) {
      left = { kind: "both", sign, left, right: part() };
    }
    return left;
  }

  #deeper<T>(parse: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new ExpressionError(`it goes more than ${MAX_DEPTH} levels deep`);
    const parsed = parse();
    this.#depth--;
    return parsed;
  }

  get #here(): Token | undefined {
    return this.#tokens[this.#next];
  }

  #takeOf<S extends string>(texts: readonly S[]): S | undefined {
    return texts.find((text) => this.#take(text));
  }

  #take(text: string): boolean {
    const token = this.#here;
    const isIt = (token?.kind === "sign" || token?.kind === "word") && token.text === text;
    if (isIt) this.#next++;
    return isIt;
  }

  #word(wanted: string): string {
    const token = this.#here;
    if (token?.kind !== "word" || ["and", "or", "not"].includes(token.text)) throw this.#unexpected(wanted);
    this.#next++;
    return token.text;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw this.#unexpected(text);
  }

  #unexpected(wanted: string): ExpressionError {
    const token = this.#here;
    const found = token === undefined ? "its end" : token.kind === "number" ? String(token.value) : token.text;
    return new ExpressionError(`it has ${found} at ${(token?.at ?? this.#length) + 1} where ${wanted} should be`);
  }
}
