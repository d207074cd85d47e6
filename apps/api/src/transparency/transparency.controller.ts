import { Controller, Get, Header } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Transparency } from '@wheelhouse/protocol/transparency';
import { Described } from '../docs/described.ts';
import { Public } from '../identity/can.ts';
import { TransparencyDesk } from './transparency-desk.ts';

/** For everybody, without an account: the charter, its history, and override statistics, with what it takes to check them. */
@ApiTags('transparency')
@Controller('v1/transparency')
export class TransparencyController {
  readonly #desk: TransparencyDesk;

  constructor(desk: TransparencyDesk) {
    this.#desk = desk;
  }

  @Get()
  @Public()
  @Header('cache-control', 'public, max-age=2')
  @Described('The charter in force and its history, seats and terms, open notices, override statistics, the latest tree head', {
    answer: Transparency,
  })
  page(): Promise<Transparency> {
    return this.#desk.page();
  }
}
