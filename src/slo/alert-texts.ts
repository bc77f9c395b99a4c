export const secondMs = 1_000
export const minuteMs = 60_000
export const hourMs = 3_600_000

/** Fly's id and region of the machine that an alert is about, or its address while it does not answer. */
export const thisMachine =
  '{{ with printf "build_info{instance=%q}" $labels.instance | query }}{{ with first . }}{{ label "machine" . }} ({{ label "region" . }}){{ end }}{{ else }}{{ $labels.instance }}{{ end }}'
