/** Says once in the document what many routes answer alike. */

type Responses = Record<string, { readonly description?: string }>;
interface Document {
  readonly paths?: Readonly<Record<string, Readonly<Record<string, { responses?: Responses }>>>>;
  components?: { responses?: Responses };
}

/** Moves problems, which routes have in common, to the document's components, and refers to them from where they were. */
export function withSharedResponses(document: object): object {
  const whole = structuredClone(document) as Document; // an OpenAPI document
  const shared: Record<string, object> = {};
  for (const methods of Object.values(whole.paths ?? {})) {
    for (const { responses } of Object.values(methods)) {
      for (const [status, response] of Object.entries(responses ?? {})) {
        if (!responses || !JSON.stringify(response).includes("application/problem+json")) continue;
        const name = `Problem${status}`;
        shared[name] ??= response;
        responses[status] = { $ref: `#/components/responses/${name}` } as Responses[string];
      }
    }
  }
  whole.components = { ...whole.components, responses: { ...whole.components?.responses, ...shared } };
  return whole;
}
