/** Where a configuration value comes from, as DescribeConfigs and CreateTopics number it. */
export const configSource = { topic: 1, dynamicBroker: 2, dynamicDefault: 3, broker: 4, default: 5, group: 8 } as const;

/** Types of values as DescribeConfigs numbers them. */
export const configType = {
  boolean: 1,
  string: 2,
  int: 3,
  short: 4,
  long: 5,
  double: 6,
  list: 7,
  class: 8,
  password: 9,
} as const;

export type ConfigType = keyof typeof configType;

/** Resources that have a configuration, as the requests number them. */
export const resourceType = { topic: 2, broker: 4, group: 32 } as const;
