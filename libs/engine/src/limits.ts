/** Every bound of the engine, by name. What happens at each is said where it is checked. */

/** All variables of an instance together, as JSON. Below Kafka's usual record limit of 1 MB, so that any job fits. */
export const VARIABLES_BYTES_MAX = 768 * 1024;
/** The value of a record that a send node publishes, as JSON. */
export const PUBLISH_BYTES_MAX = 768 * 1024;

/** Elements that one step enters before the rest of the way goes on in the next. */
export const HOPS_PER_STEP_MAX = 200;
/** Conditions that one step asks when variables change; the rest is asked in the next. */
export const CONDITIONS_PER_STEP_MAX = 200;
/** Elements that a token passes without waiting anywhere, before we call it an endless loop. */
export const HOPS_WITHOUT_WAIT_MAX = 10_000;
/** Live tokens of an instance: a loop around a forking gateway doubles them each time round. */
export const TOKENS_MAX = 10_000;
/** Iterations of one activity. */
export const LOOP_COUNT_MAX = 1_000_000;
/** A collection that an activity goes through, and what it collects, each as JSON. */
export const LOOP_BYTES_MAX = 768 * 1024;
/** Items per row: what an iteration reads and writes, whatever the size of the collection. */
export const LOOP_CHUNK_ITEMS = 100;
/** Elements of a sequential ad-hoc sub-process that wait for their turn. */
export const AD_HOC_QUEUE_MAX = 1_000;
/** Calls within calls; a process that calls itself comes to it. */
export const CALL_DEPTH_MAX = 100;
/** Elements that one step closes when an instance ends early. */
export const TERMINATIONS_PER_STEP_MAX = 500;

/** Tokens of an instance that may be modified or migrated: every one of them is looked at in one step. */
export const OPERATED_ELEMENTS_MAX = 10_000;
/** Batches under way on a partition. */
export const BATCHES_MAX = 100;
export const BATCH_ID_LENGTH_MAX = 100;
/** Instances that one step of a batch looks at, and operates on. */
export const BATCH_ROWS_PER_STEP = 500;
export const BATCH_INSTANCES_PER_STEP = 20;
/** Inputs held for one suspended instance; a further one is refused, and a record goes to the dead letters. */
export const HELD_INPUTS_MAX = 10_000;
/** Held inputs that one step lets go. */
export const RELEASES_PER_STEP_MAX = 200;

/** Executions of actions at one node at a time: an automatic action waits for its turn, one that is asked for is refused. */
export const ACTIONS_RUNNING_MAX = 100;

/** The longest time that an instance may be given: ten years. */
export const EXPIRY_MS_MAX = 3_660 * 24 * 3_600_000;
/** Buffered messages that one step looks at when a process is resumed. */
export const MESSAGES_REOFFERED_PER_STEP_MAX = 200;
export const SUSPENSION_REASON_LENGTH_MAX = 1_000;

/** Offers of a job that is never answered before its deadline, until somebody must look. */
export const UNANSWERED_ATTEMPTS_MAX = 100;
export const JOB_RETRIES_DEFAULT = 3;
/** Without a back-off in the model: 1 s, 2 s, 4 s … up to this. */
export const BACKOFF_FIRST_MS = 1_000;
export const BACKOFF_MS_MAX = 60_000;
/** What a plugin may ask for by `mr-retry-after`. */
export const RETRY_AFTER_MS_MAX = 7 * 24 * 3_600_000;

export const FLOW_NAME_LENGTH_MAX = 256;
/** These are parts of row keys, and the store's keys are short. */
export const NAME_LENGTH_MAX = 200;
export const CORRELATION_KEY_LENGTH_MAX = 200;
export const MESSAGE_ID_LENGTH_MAX = 200;

export const MESSAGE_TTL_MS_MAX = 30 * 24 * 3_600_000;
/** Messages that live on one partition at a time. */
export const BUFFERED_MESSAGES_MAX = 1_000_000;

/** Occurrences of one part of a parallel multiple event that wait for those of the others; a message beyond them is refused. */
export const PART_OCCURRENCES_MAX = 100;

/** Waits that one step wakes when a signal comes. */
export const SIGNALS_PER_STEP_MAX = 50;
/** Of those whom a signal reached, how many its sender is told by name; he is told the number of all. */
export const SIGNAL_REACHED_MAX = 100;
export const SIGNAL_ID_LENGTH_MAX = 200;

/** How long the id of an ended instance with an idempotency key is remembered. */
export const REMEMBERED_MS = 24 * 3_600_000;
