/**
 * The bounds that a caller of Millrace meets. They are part of the contract: an error names the one it hit, and the
 * OpenAPI document carries them.
 */
export const limits = {
  /** Variables of one instance as JSON, in bytes of UTF-8. */
  variablesBytesMax: 768 * 1024,
  /** One request body: the variables, and room for the model files of a deployment. */
  bodyBytesMax: 4 * 1024 * 1024,
  /** Instructions of one modification. */
  operationsMax: 100,
  /** Instances named in one batch; a filter by definition has no such bound. */
  batchInstancesMax: 1_000,
  /** Files in one deployment. */
  deploymentFilesMax: 50,
  /** Objects and arrays inside each other in a JSON body. */
  jsonDepthMax: 100,
  pageSizeMax: 500,
  pageSizeDefault: 50,
  /** Events in one answer of an instance's history. */
  historyPageMax: 1_000,
  /** The longest that a call may wait for an instance to complete. */
  waitMsMax: 5 * 60_000,
  waitMsDefault: 30_000,
  /** The longest time that whoever starts an instance may give it. */
  expiryMsMax: 3_660 * 24 * 3_600_000,
  idempotencyKeyLengthMax: 256,
  businessKeyLengthMax: 256,
  flowNameLengthMax: 256,
  nameLengthMax: 256,
} as const;
