import { librdkafka } from './clients/librdkafka.ts';
import { conform } from './suite/conform.ts';

conform(librdkafka);
