export { type Api, type Request, type RequestInput, type Response, type ResponseInput } from './api.ts';
export { type ApiName, apiOf, apis } from './apis.ts';
export { batchesIn, decodeBatch, unpackedBytes } from './batch.ts';
export { BatchBuilder, type BatchProducer, encodeBatch, recordBytesMax } from './batch-builder.ts';
export {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  type BatchFlaw,
  type BatchHeader,
  type BatchPatch,
  checkBatch,
  type Codec,
  codecOf,
  deleteHorizonOf,
  isTransactional,
  NO_PRODUCER_ID,
  patchBatch,
  patchMaxTimestamp,
  readBatchHeader,
  sealChecksum,
  type TimestampType,
} from './batch-header.ts';
export { emptyBatch, packBatch, rewriteBatch } from './batch-rewrite.ts';
export { decode, encode } from './codec.ts';
export { type CompressionCodec, packRecords, unpackRecords } from './compression.ts';
export { type ControlBatch, type ControlType, controlTypeOf, encodeControlBatch } from './control-batch.ts';
export { type ErrorName, errorOf, errors, type KafkaError } from './errors.ts';
export {
  correlationIdOf,
  decodeRequestHeader,
  decodeResponse,
  encodeRequest,
  encodeResponse,
  type RequestEnvelope,
  type RequestHeader,
} from './frame.ts';
export { FrameSplitter } from './frame-splitter.ts';
export type { Bytes, HeaderInput, RecordInput, WireHeader, WireRecord } from './record.ts';
export {
  array,
  between,
  boolean,
  bytes,
  defaulted,
  type Fields,
  int16,
  int32,
  int64,
  int8,
  type Message,
  type MessageInput,
  type MessageSchema,
  nullable,
  records,
  type Schema,
  since,
  string,
  struct,
  tagged,
  uuid,
  type VersionRange,
} from './schema.ts';
export { type RecordWalk, walkRecords } from './record-walk.ts';
export { DecodeError, WireError, type WireErrorCode } from './wire-error.ts';
