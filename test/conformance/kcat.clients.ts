import { kcat } from './clients/kcat.ts';
import { conform } from './suite/conform.ts';

conform(kcat);
