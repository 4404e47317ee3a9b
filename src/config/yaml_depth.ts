import { Lexer } from "yaml";

/** What the lexer puts before the text of a scalar, in which brackets are no brackets. */
const SCALAR = "\x1f";
/** Tokens of the lexer that stand for no text: the beginning of a document, and an end that is missing, besides. */
const MARKS: readonly string[] = [SCALAR, "\x02", "\x18"];

/**
 * Where brackets stand more than `max` deep within one another; undefined where they never do. The parser takes minutes
 * for a file of brackets alone, and nothing can stop it; the lexer takes a moment.
 */
export function bracketBeyond(text: string, max: number): number | undefined {
  let offset = 0;
  let depth = 0;
  let isText = false;
  for (const token of new Lexer().lex(text)) {
    if (!isText && (token === "[" || token === "{") && ++depth > max) return offset;
    if (!isText && (token === "]" || token === "}")) depth = Math.max(0, depth - 1);
    const isMark: boolean = !isText && MARKS.includes(token);
    if (!isMark) offset += token.length;
    isText = isMark && token === SCALAR;
  }
  return undefined;
}
