/** The largest body that each route takes, inflated. nginx must let the largest of them pass (`medio lint`). */
export const bodyLimitBytes = { deployment: 16_384, observations: 1_048_576, acknowledgement: 16_384 } as const
