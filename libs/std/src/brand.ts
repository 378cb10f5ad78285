declare const brand: unique symbol;

/** A number or string that means one thing: `Brand<string, 'InstanceId'>` is not assignable from any string. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };
