#!/usr/bin/env node
// Plain JavaScript, so that nothing has to be stripped or compiled before the cache for both is on: from the second
// start on, that is a good part of the time to ready. And so that an older Node can read what it is told here.
import module from 'node:module';

if (!process.features.typescript) {
  console.error(
    `millrace: expected a Node that runs TypeScript (26), found ${process.version}. The right one comes with npm install: use npm start, npm run millrace, or npx millrace`,
  );
  process.exit(2);
}
module.enableCompileCache();
await import('../src/main.ts');
