import { lineLabels, lineMetadata, serviceName, staticLabels, timeField } from './log-fields.ts'

/**
 * The pipeline of Grafana Alloy, whatever the lines come from: ops/loki/alloy/pipeline.alloy.
 * https://grafana.com/docs/alloy/latest/reference/components/loki/loki.process/
 */
export function alloyPipeline(): string {
  const fields = [timeField, ...lineLabels, ...lineMetadata]
  const width = Math.max(...fields.map((field) => field.length))
  const entries = (names: readonly string[], value: (name: string) => string) =>
    names.map((name) => `      ${name.padEnd(width)} = ${value(name)},`).join('\n')
  const kept = [...staticLabels, ...lineLabels].map((label) => `"${label}"`).join(', ')
  return `// Made by npm run generate from scripts/logs; why these labels: scripts/logs/log-fields.ts.
// Run beside one of the sources here: Alloy reads every file of a directory.

logging {
  level = "warn"
}

loki.process "service" {
  forward_to = [loki.write.loki.receiver]

  // Fly's log shipper hands a line on within a field of its own. Lines without that field stay as they are.
  stage.json {
    expressions = { message = "message" }
  }

  stage.output {
    source = "message"
  }

  stage.json {
    expressions = {
${entries(fields, (field) => `"${field}"`)}
    }
  }

  stage.timestamp {
    source = "${timeField}"
    format = "RFC3339Nano"
  }

  stage.static_labels {
    values = {
      service     = "${serviceName}",
      environment = sys.env("ENVIRONMENT"),
    }
  }

  stage.labels {
    values = {
${entries(lineLabels, () => '""')}
    }
  }

  stage.structured_metadata {
    values = {
${entries(lineMetadata, () => '""')}
    }
  }

  // Whatever label a source has set: it would multiply the streams.
  stage.label_keep {
    values = [${kept}]
  }
}

loki.write "loki" {
  endpoint {
    url = sys.env("LOKI_URL") + "/loki/api/v1/push"
  }
}
`
}
