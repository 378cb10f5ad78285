import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { splitTopics } from '../security/split-topics.ts';
import { isInternal } from '../topic-names.ts';

/**
 * DeleteRecords 0–2. Offset -1 stands for the high watermark.
 *
 * Below or at the log start it does nothing, above the high watermark it is refused with OFFSET_OUT_OF_RANGE. The new log
 * start is durable when the response leaves.
 */
export const deleteRecords = handler(apis.deleteRecords, (parts, request, exchange) => {
  const { allowed, refused } = splitTopics(exchange.access, 'DELETE', request.topics);
  const deleted = allowed.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, offset }) => {
      const refused = (errorCode: number) => ({ partition, lowWatermark: -1, errorCode });
      if (isInternal(name)) return refused(errors.INVALID_TOPIC_EXCEPTION.code);
      const log = parts.topics.log(name, partition);
      if (log === undefined) return refused(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
      const result = log.deleteRecords(offset === -1 ? log.highWatermark : offset);
      if (result.error !== undefined) return refused(errors[result.error].code);
      return { partition, lowWatermark: log.logStartOffset, errorCode: errors.NONE.code };
    }),
  }));
  const failed = refused.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => ({
      partition,
      lowWatermark: -1,
      errorCode: errors.TOPIC_AUTHORIZATION_FAILED.code,
    })),
  }));
  exchange.reply({ topics: [...deleted, ...failed] });
});
