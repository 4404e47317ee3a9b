/** For commands beside `run`: the name of this installation without a start of it. */
export { edgeIdOf } from "../pipeline/mod.ts";
