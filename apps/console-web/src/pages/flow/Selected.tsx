import type { Flow } from '@orderflow/console-api';
import { EventTable, GroupTable, Lane, OutboxTable, publisherOf, Table } from './FlowTables.js';

/** What the map has no room for, of the place that is selected. */
export function Selected({ flow, node }: { flow: Flow; node: string }) {
  const producer = flow.producers.find(({ service }) => node === `service:${service}`);
  if (producer)
    return (
      <>
        <OutboxTable producers={[producer]} />
        <EventTable flow={flow} topics={producer.topics} />
      </>
    );
  const topic = flow.topics.find((it) => node === `topic:${it.topic}`);
  if (topic)
    return (
      <>
        <EventTable flow={flow} topics={[topic.topic]} />
        <GroupTable groups={flow.groups.filter(({ topics }) => topics.includes(topic.topic))} />
      </>
    );
  const group = flow.groups.find((it) => node === `group:${it.group}`);
  if (!group) return null;
  return (
    <>
      <GroupTable groups={[group]} />
      {group.lag.state === 'known' && (
        <Table title={`Topics of ${group.group}`} heads={['topic', 'records behind']}>
          {group.lag.value.topics.map(({ topic: name, records }) => (
            <tr key={name}>
              <th scope="row">
                <Lane program={publisherOf(flow, name)} />
                {name}
              </th>
              <td>{records.toLocaleString('en-GB')}</td>
            </tr>
          ))}
        </Table>
      )}
    </>
  );
}
