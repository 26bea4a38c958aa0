import { services } from '@orderflow/contracts';

const LANES = 8;

/** The colour of a service: its place among the lanes. */
export function laneColour(service: string): string {
  const index = (services as readonly string[]).indexOf(service);
  return `var(--lane-${index === -1 ? services.length % LANES : index % LANES})`;
}
