import { franz, sarama } from './clients/go.ts';
import { conform } from './suite/conform.ts';

conform(franz);
conform(sarama);
