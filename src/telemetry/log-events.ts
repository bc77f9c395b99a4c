/** Every name that `event` of a log line may have: alerts and log queries are written against them. */
export type LogEvent =
  // The process
  | 'service_starting'
  | 'service_ready'
  | 'service_draining'
  | 'service_stopped'
  | 'shutdown_step_overdue'
  | 'process_resumed'
  | 'uncaught_error'
  | 'configuration_warning'
  // HTTP
  | 'request_completed'
  | 'request_failed'
  | 'request_malformed'
  | 'token_rejected'
  // Health
  | 'health_changed'
  | 'engine_stalled'
  | 'engine_idle'
  | 'engine_active'
  // Database
  | 'database_started'
  | 'database_connection_lost'
  | 'statement_failed'
  | 'slow_query'
  | 'client_held'
  | 'migration_applied'
  | 'migrations_behind'
  // History
  | 'history_write_failed'
  // Telemetry
  | 'metrics_listening'
  | 'metrics_unavailable'
  | 'metrics_render_failed'
  | 'error_reporter_loaded'
  | 'error_reporter_failed'
