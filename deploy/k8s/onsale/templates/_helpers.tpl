{{- define "onsale.name" -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- end }}

{{- define "onsale.image" -}}
{{- if .Values.image.digest -}}
{{ .Values.image.repository }}@{{ .Values.image.digest }}
{{- else -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "onsale.labels" -}}
app.kubernetes.io/part-of: onsale
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{/* What every node, and the migration, is told by its environment. */}}
{{- define "onsale.environment" -}}
- {name: ONSALE_DATA_DIR, value: /run/onsale/node}
- {name: ONSALE_HTTP_ADDRESS, value: 0.0.0.0}
- {name: ONSALE_HTTP_INTERNAL_ADDRESS, value: 0.0.0.0}
- {name: ONSALE_HTTP_DRAIN_TIME_MS, value: {{ mul .Values.drain.drainSeconds 1000 | quote }}}
- {name: ONSALE_LOG_FORMAT, value: json}
- {name: ONSALE_SECRETS_TOKEN_KEY_FILE, value: /run/secrets/onsale/token.key}
- {name: ONSALE_SECRETS_INTERNAL_TOKEN_FILE, value: /run/secrets/onsale/internal.token}
- {name: ONSALE_DB_URL, value: {{ .Values.engines.db.url | quote }}}
- {name: ONSALE_DB_PROVIDER_URL, value: {{ .Values.engines.db.providerUrl | quote }}}
- {name: ONSALE_DB_PASSWORD_FILE, value: /run/secrets/onsale/db.password}
- {name: ONSALE_REDIS_URL, value: {{ .Values.engines.redis.url | quote }}}
- {name: ONSALE_REDIS_PASSWORD_FILE, value: /run/secrets/onsale/redis.password}
- {name: ONSALE_KAFKA_BROKERS, value: {{ .Values.engines.kafka.brokers | quote }}}
- {name: ONSALE_KAFKA_REPLICATION, value: {{ .Values.engines.kafka.replication | quote }}}
{{- range $key, $value := .Values.settings }}
- {name: ONSALE_{{ $key }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{- define "onsale.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
fsGroupChangePolicy: OnRootMismatch
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "onsale.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}

{{/* The office takes its keys only from files that are its own alone, and a Secret's files belong to root: an init container
     copies them, 0600, into memory. */}}
{{- define "onsale.keys" -}}
- name: keys
  image: {{ include "onsale.image" . | quote }}
  imagePullPolicy: {{ .Values.image.pullPolicy }}
  command: ["/bin/sh", "-c", "umask 077 && cp -L /mounted/* /run/secrets/onsale/"]
  securityContext:
    {{- include "onsale.containerSecurity" . | nindent 4 }}
  resources:
    requests: {cpu: 10m, memory: 16Mi}
    limits: {memory: 64Mi}
  volumeMounts:
    - {name: mounted, mountPath: /mounted, readOnly: true}
    - {name: keys, mountPath: /run/secrets/onsale}
{{- end }}

{{- define "onsale.volumes" -}}
- name: run
  emptyDir: {medium: Memory, sizeLimit: 64Mi} # the office wants 32 free
- name: keys
  emptyDir: {medium: Memory, sizeLimit: 1Mi}
- name: data
  emptyDir: {sizeLimit: 16Mi}
- name: mounted
  secret: {secretName: {{ .Values.secrets.existing | quote }}}
{{- end }}

{{- define "onsale.mounts" -}}
- {name: run, mountPath: /run/onsale}
- {name: keys, mountPath: /run/secrets/onsale, readOnly: true}
- {name: data, mountPath: /var/lib/onsale}
{{- end }}
