/** OpenMetrics 1.0 text of what esmd knows. */

import type { Monitor } from '../core/monitor/monitor.js';
import type { Self } from '../core/monitor/status.js';
import type { Service, State } from '../core/service/record.js';
import { lives } from '../core/service/record.js';

const states: readonly State[] = [
  'stopped',
  'spawning',
  'starting',
  'probation',
  'running',
  'stopping',
  'backoff',
  'failed',
];

export function metricsOf(monitor: Monitor, self: Self): string {
  const services = [...monitor.services.values()];
  const each = (line: (service: Service) => readonly string[]) => services.flatMap(line);
  const lines = [
    '# TYPE esmd_service_up gauge',
    '# HELP esmd_service_up Whether the service runs.',
    ...each((service) => [`esmd_service_up{${label(service)}} ${lives(service) ? 1 : 0}`]),
    '# TYPE esmd_service_state stateset',
    '# HELP esmd_service_state The state of the service.',
    ...each((service) =>
      states.map(
        (state) =>
          `esmd_service_state{${label(service)},esmd_service_state="${state}"} ${service.actual.state === state ? 1 : 0}`,
      ),
    ),
    '# TYPE esmd_service_restarts counter',
    '# HELP esmd_service_restarts Restarts made by esmd.',
    ...each((service) => [`esmd_service_restarts_total{${label(service)}} ${service.restarts}`]),
    '# TYPE esmd_service_monitored gauge',
    '# HELP esmd_service_monitored Whether the service is monitored at present.',
    ...each((service) => [
      `esmd_service_monitored{${label(service)}} ${service.desired === 'unmonitored' ? 0 : 1}`,
    ]),
    '# TYPE esmd_config_problems gauge',
    '# HELP esmd_config_problems Problems in the configuration that is loaded.',
    `esmd_config_problems ${monitor.configProblems.length}`,
    '# TYPE esmd_start_time_seconds gauge',
    '# UNIT esmd_start_time_seconds seconds',
    '# HELP esmd_start_time_seconds When this esmd began, in seconds since 1970.',
    `esmd_start_time_seconds ${self.since / 1000}`,
    '# EOF',
  ];
  return `${lines.join('\n')}\n`;
}

/** Names have no character that would need an escape; categories may. */
const label = ({ spec }: Service): string =>
  `name="${spec.name}",category="${spec.category.replace(/["\\]/g, '\\$&').replace(/\n/g, '\\n')}"`;
