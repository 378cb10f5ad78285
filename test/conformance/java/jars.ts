import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

export const java = 'java';

/** Apache Kafka, its tools and its client, with all they need. */
export const kafkaJars = `${here}target/kafka-4/*`;

/** An older client. */
export const clientJars = `${here}target/kafka-3/*`;

/** What src/ compiles to; it runs with either client. */
export const agentClasses = `${here}target/classes`;
