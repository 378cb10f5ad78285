import type { IncidentReason } from '@millrace/records';

/** E4. A step of the process that cannot be done: becomes an incident where the walk knows at which element. */
export class Failure {
  readonly reason: IncidentReason;
  readonly message: string;

  constructor(reason: IncidentReason, message: string) {
    this.reason = reason;
    this.message = message;
  }
}
