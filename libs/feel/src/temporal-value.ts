import { FeelDate, FeelDateTime, FeelDuration, FeelTime } from 'feelin';

export type TemporalValue = FeelDate | FeelTime | FeelDateTime | FeelDuration;

export function isTemporalValue(value: unknown): value is TemporalValue {
  return (
    value instanceof FeelDate ||
    value instanceof FeelTime ||
    value instanceof FeelDateTime ||
    value instanceof FeelDuration
  );
}
