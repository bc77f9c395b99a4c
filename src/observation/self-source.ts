/** The `source` of what the service says of itself: in no availability, no objective, and no total of all sources. */
export const selfSource = 'self'
