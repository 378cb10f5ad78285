/** Where a configuration value comes from, as DescribeConfigs and CreateTopics number it. */
export const configSource = { topic: 1, broker: 4, default: 5 } as const;

/** Types of values as DescribeConfigs numbers them. */
export const configType = { boolean: 1, string: 2, int: 3, long: 5, double: 6, list: 7 } as const;
