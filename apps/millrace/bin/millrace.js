#!/usr/bin/env node
// Plain JavaScript, so that nothing has to be stripped or compiled before the cache for both is on: from the second
// start on, that is a good part of the time to ready.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('../src/main.ts');
