export { type KafkaAccess, kafkaAccessOf, kafkaAccessSettings } from './kafka-access.ts';
export { type KafkajsAccess, kafkajsAccess } from './kafkajs-access.ts';
export { type Address, address, flag } from './shapes.ts';
export {
  type Setting,
  type Settings,
  SettingsError,
  type SettingsTable,
  checkSettings,
  helpText,
  readSettings,
} from './settings.ts';
