export { type DemoModel, type DemoOptions, demoModels, demoTypes, startDemo } from './demo.ts';
