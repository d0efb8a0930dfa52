/** esmctl(8) has every command and option of the program, its exit codes, and the control API. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import type { Environment } from '../../../src/cli/environment.js';
import { exitCode } from '../../../src/cli/exit-code.js';
import { makeProgram } from '../../../src/cli/program.js';
import * as limits from '../../../src/control/limits.js';
import { routeOf } from '../../../src/control/route.js';
import { Page, readText } from './page.js';

const page = new Page('esmctl.8');
const program = makeProgram({} as Environment, () => undefined);

/** Completion scripts ask for names by it; people have no use for it. */
const isHidden = (command: Command): boolean => command.name() === 'names';
const commands = program.commands.filter((command) => !isHidden(command));

const flagsOf = (command: Command): readonly string[] =>
  command.options.flatMap(({ short, long }) => [short, long].filter((flag) => flag !== undefined));

/** As mdoc(7) has them: `Fl f` is -f, and `Fl -follow` is --follow. */
const flagsIn = (source: string): readonly string[] =>
  [...source.matchAll(/\bFl (-?[a-zA-Z][\w-]*)/g)].map(([, flag = '']) => `-${flag}`);

/** What the page says of each command. The four requests share their options. */
function sections(): ReadonlyMap<string, string> {
  const parts = page.section('COMMANDS').split(/^\.It Cm (?=[a-z]+)/m);
  const found = parts.slice(1).map((part) => [/^[a-z]+/.exec(part)?.[0] ?? '', part] as const);
  const shared = found.find(([name]) => name === 'reset')?.[1] ?? '';
  const requests = ['start', 'stop', 'restart'];
  return new Map(found.map(([name, text]) => [name, requests.includes(name) ? shared : text]));
}

test('esmctl(8): every command, and no other', () => {
  assert.deepEqual([...sections().keys()].sort(), commands.map((one) => one.name()).sort());
});

for (const command of commands) {
  test(`esmctl(8): the options of ${command.name()}`, () => {
    const told = new Set(flagsIn(sections().get(command.name()) ?? ''));
    assert.deepEqual([...told].sort(), [...flagsOf(command)].sort());
  });

  test(`esmctl(8): ${command.name()} is in the synopsis`, () => {
    const form = new RegExp(`^\\.Cm (?:[a-z]+ \\| )*${command.name()}\\b`, 'm');
    assert.match(page.section('SYNOPSIS'), form);
  });
}

test('esmctl(8): the options of the program', () => {
  const told = flagsIn(page.section('OPTIONS'));
  assert.deepEqual([...told].sort(), ['-h', '--help', ...flagsOf(program)].sort());
});

test('esmctl(8): no option in the synopsis that does not exist', () => {
  const known = ['--help', ...[program, ...commands].flatMap(flagsOf)];
  const told = flagsIn(page.section('SYNOPSIS'));
  assert.deepEqual(
    told.filter((flag) => !known.includes(flag)),
    [],
  );
});

test('esmctl(8): the exit codes', () => {
  const told = page.items('EXIT STATUS').map(({ term }) => Number(term));
  assert.deepEqual(told, Object.values(exitCode));
});

test('esmctl(8): the fields of the status', () => {
  const types = readText('src/core/status.ts').replace(/\/\*\*[^]*?\*\//g, '');
  const fields = new Set([...types.matchAll(/(\w+)\??:\s/g)].map(([, field = '']) => field));
  const source = page.section('STATUS');
  const told = new Set(
    [...source.matchAll(/^\.(?:It )?Ic (.+)$/gm)].flatMap(([, words = '']) =>
      words.split(/[ ,.:]+/),
    ),
  );
  assert.deepEqual(
    [...fields].filter((field) => !told.has(field)),
    [],
  );
  assert.deepEqual(
    [...told].filter((field) => field !== '' && !fields.has(field)),
    [],
  );
});

/** `.It Ic GET /v1/services/ Ns Ar NAME`, as a request line. */
function routes(): readonly (readonly [string, string])[] {
  const lines = page.section('CONTROL API').matchAll(/^\.It Ic (GET|POST) (.+)$/gm);
  return [...lines].map(([, method = '', target = '']) => [
    method,
    target.replace(/ Ns (?:Ar|Ic) /g, '').trim(),
  ]);
}

test('esmctl(8): every route is one, and takes the method', () => {
  assert.ok(routes().length >= 9);
  for (const [method, target] of routes()) {
    const routed = routeOf({ method, target, lastEventId: undefined }, 'all');
    assert.ok(routed.ok, `${method} ${target}`);
    const onStatus = routeOf({ method, target, lastEventId: undefined }, 'read');
    assert.equal(onStatus.ok, method === 'GET', `${method} ${target} on status.sock`);
  }
});

test('esmctl(8): every kind of route is there', () => {
  const source = readText('src/control/route.ts');
  const types = new Set([...source.matchAll(/Readonly<\{ type: '(\w+)'/g)].map(([, type]) => type));
  const told = routes().map(([method, target]) => {
    const routed = routeOf({ method, target, lastEventId: undefined }, 'all');
    return routed.ok ? routed.route.type : 'none';
  });
  assert.deepEqual([...new Set(told)].sort(), [...types].sort());
});

test('esmctl(8): the limits', () => {
  const text = page.text;
  const { rootLimits, statusLimits } = limits;
  for (const { connections, streams } of [rootLimits, statusLimits]) {
    assert.ok(text.includes(`${connections} connections, of which ${streams} streams`));
  }
  const request = `${limits.requestMs / 1000} s, an answer ${limits.replyMs / 1000} s`;
  const kib = (bytes: number): string => `${bytes / 1024} KiB`;
  const sizes = `${kib(limits.headerBytes)} of header, ${kib(limits.targetBytes)} of target and ${kib(limits.bodyBytes)} of body`;
  for (const words of [request, sizes, `${kib(limits.streamBytes)} behind`]) {
    assert.ok(text.includes(words), words);
  }
});
