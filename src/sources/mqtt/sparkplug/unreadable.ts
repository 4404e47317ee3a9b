/** A value that does not go together with its type. The message ends a sentence: "Metric Speed has …". */
export class UnreadableValue extends Error {}
