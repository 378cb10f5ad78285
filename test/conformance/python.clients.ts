import { debianKafkaPython, kafkaPython, librdkafka } from './clients/python.ts';
import { conform } from './suite/conform.ts';

conform(librdkafka);
conform(kafkaPython);
conform(debianKafkaPython);
