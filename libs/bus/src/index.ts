export { type CloudEvent, cloudEventHeaders } from './cloud-event.ts';
export { deadLetter } from './dead-letter.ts';
export { headers } from './headers.ts';
export { type JobOffer, jobRecord } from './job.ts';
export { jobTopicCollision, jobTypeLengthMax, jobTypeProblem, jobTypeToTopicPart } from './job-type.ts';
export { type JsonObject, type JsonValue, readJson, readJsonObject } from './json.ts';
export { type MessageEvent, readMessageEvent } from './message-event.ts';
export { type OperationOutcome, type OperationsRequest, operationsReply, readOperations } from './operation.ts';
export {
  type Header,
  type OutgoingRecord,
  type ReceivedRecord,
  type RecordSource,
  headerText,
  headerTexts,
  headersOf,
} from './record.ts';
export { type Reply, readReply } from './reply.ts';
export { type StartRequest, readStart } from './start.ts';
export {
  type Topics,
  defaultNamespace,
  namespaceProblem,
  topicNameLengthMax,
  topicNameProblem,
  topicsOf,
} from './topics.ts';
export { type TraceParent, childTraceparent, parseTraceparent } from './traceparent.ts';
export { type Unusable, type UnusableReason, unusable } from './unusable.ts';
