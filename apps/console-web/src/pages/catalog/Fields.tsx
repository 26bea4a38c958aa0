import type { CatalogVersion } from '@orderflow/console-api';
import { Tag } from '../../ui/parts.js';
import css from './Catalog.module.css';
import { fieldsOf } from './fields.js';

/** The fields of a version, with what its schema says about them. */
export function Fields({ versions, version }: { versions: readonly CatalogVersion[]; version: string }) {
  const fields = fieldsOf(versions, version);
  const first = versions[0]?.version;
  if (fields.length === 0) return <p>Its data has no fields: the envelope says everything.</p>;
  return (
    <table className={css.fields}>
      <caption>Fields of its data</caption>
      <thead>
        <tr>
          <th scope="col">field</th>
          <th scope="col">type</th>
        </tr>
      </thead>
      <tbody>
        {fields.map(({ path, type, doc, since, isConfidential, isOptional }) => (
          <tr key={path}>
            <th scope="row">
              <code>{path}</code>
              {since !== first && <Tag tone="good">new in {since}</Tag>}
              {isConfidential && <Tag tone="no">shown nowhere</Tag>}
            </th>
            <td>
              {type}
              {isOptional && ', may be left out'}
              {doc !== undefined && <p className={css.soft}>{doc}</p>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
