/** The filter of DescribeAcls and DeleteAcls that every access rule fits. */
export const anyAcl = {
  resourceType: 1,
  resourceName: null,
  patternType: 1,
  principal: null,
  host: null,
  operation: 1,
  permissionType: 1,
};
