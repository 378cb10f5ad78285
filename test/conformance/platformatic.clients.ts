import { platformatic } from './clients/platformatic.ts';
import { conform } from './suite/conform.ts';

conform(platformatic);
