import { java3, java4 } from './clients/java.ts';
import { conform } from './suite/conform.ts';

conform(java4);
conform(java3);
