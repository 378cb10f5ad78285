/** CloudEvents 1.0 attributes of an engine event. Source: CloudEvents Kafka protocol binding 1.0.2, binary content mode. */
export interface CloudEvent {
  /** Unique together with the source: instance and sequence. */
  readonly id: string;
  readonly type: string;
  readonly source: string;
  /** The instance id, where there is one. */
  readonly subject: string | undefined;
  readonly timeMs: number;
}

export function cloudEventHeaders(event: CloudEvent): { key: string; value: string }[] {
  const list = [
    { key: 'ce_specversion', value: '1.0' },
    { key: 'ce_id', value: event.id },
    { key: 'ce_type', value: event.type },
    { key: 'ce_source', value: event.source },
    { key: 'ce_time', value: new Date(event.timeMs).toISOString() },
    { key: 'content-type', value: 'application/json' },
  ];
  if (event.subject !== undefined) list.push({ key: 'ce_subject', value: event.subject });
  return list;
}
