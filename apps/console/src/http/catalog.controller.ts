import { Controller, Get, Inject, Query } from '@nestjs/common';
import { catalog, type Catalog } from '@orderflow/console-api';
import { ApiOperation, ApiResponse, ApiTags, refuseFuture } from '@orderflow/http';
import { shownCatalog, Sightings } from '../domain/catalog/catalog.js';
import { type CountsQuery, countsQuery } from './requests.js';

@ApiTags('catalog')
@Controller('api/catalog')
export class CatalogController {
  constructor(@Inject(Sightings) private readonly sightings: Sightings) {}

  @Get()
  @ApiOperation({
    summary: 'Every event: publisher, consumers, schemas of all versions, the newest of each in the journal',
  })
  @ApiResponse({ status: 200, standardSchema: catalog })
  @ApiResponse({ status: 422, description: 'The instant is in the future' })
  async catalog(@Query({ schema: countsQuery }) { at }: CountsQuery): Promise<Catalog> {
    refuseFuture(at);
    return shownCatalog(this.sightings, at);
  }
}
