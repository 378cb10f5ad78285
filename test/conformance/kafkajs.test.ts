import { kafkajs } from './clients/kafkajs.ts';
import { conform } from './suite/conform.ts';

conform(kafkajs);
