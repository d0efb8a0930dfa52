import type { Command } from 'commander';
import { bashScript } from '../completion/bash.js';
import { fishScript } from '../completion/fish.js';
import { treeOf } from '../completion/tree.js';
import { zshScript } from '../completion/zsh.js';
import type { Environment } from '../environment.js';
import { exitCode, type ExitCode } from '../exit-code.js';

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

export type Shell = keyof typeof scripts;

export function completion(env: Environment, program: Command, shell: Shell): ExitCode {
  env.out(scripts[shell](treeOf(program)));
  return exitCode.ok;
}
