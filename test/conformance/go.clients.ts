import { franz, kafkaGo, sarama } from './clients/go.ts';
import { conform } from './suite/conform.ts';

conform(franz);
conform(sarama);
conform(kafkaGo);
