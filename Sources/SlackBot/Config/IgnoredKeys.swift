import Bridge

/// The keys that the original system declares and that have no effect in this version: they load without a warning and
/// are named in one note.
///
/// Source: the original's files (aviciot/omni2-bridge at 76c291a). A line is `section: name name`; a name may be a
/// pattern, `[]` stands for list items and `*` for names that the user chooses. What is below a name is free.
struct IgnoredKeys {
    private let namesByParent: [String: [String]]

    /// A listed key or section.
    struct Entry {
        let pattern: String
        /// False for a section whose own keys are listed.
        let isLeaf: Bool
    }

    static func of(_ file: String) -> IgnoredKeys { IgnoredKeys(table: tables[file] ?? "") }

    /// Every line of a file's table as key patterns, for the documentation's test.
    static func patterns(of file: String) -> [String] {
        of(file).namesByParent.flatMap { parent, names in names.map { parent.isEmpty ? $0 : "\(parent).\($0)" } }
            .sorted()
    }

    /// The entry of `key` below the pattern `parent`; nil when it is not listed.
    func entry(_ key: String, under parent: String) -> Entry? {
        for candidate in [key, "*"] {
            let pattern = parent.isEmpty ? candidate : "\(parent).\(candidate)"
            if isSection(pattern) { return Entry(pattern: pattern, isLeaf: false) }
        }
        let isListed = (namesByParent[parent] ?? []).contains { name in (try? Glob(name))?.matches(key) ?? false }
        return isListed ? Entry(pattern: parent.isEmpty ? key : "\(parent).\(key)", isLeaf: true) : nil
    }

    /// The names that may stand under `parent`, for suggestions.
    func names(under parent: String) -> [String] {
        let prefix = parent.isEmpty ? "" : "\(parent)."
        let sections = namesByParent.keys.filter { $0.hasPrefix(prefix) && !$0.isEmpty }.compactMap { section in
            section.dropFirst(prefix.count).split(separator: ".").first.map { String($0).replacing("[]", with: "") }
        }
        return (namesByParent[parent] ?? []) + sections
    }

    private func isSection(_ pattern: String) -> Bool {
        namesByParent.keys.contains {
            $0 == pattern || $0.hasPrefix("\(pattern).") || $0.hasPrefix("\(pattern)[]")
        }
    }

    private init(table: String) {
        var names: [String: [String]] = [:]
        for line in table.split(separator: "\n") {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let words = line[line.index(after: colon)...].split(separator: " ").map(String.init)
            let section = line[..<colon] == "/" ? "" : String(line[..<colon])
            names[section, default: []] += words
        }
        namesByParent = names
    }

    private static let tables = [
        "settings.yaml": settings, "mcps.yaml": mcps, "users.yaml": users, "slack.yaml": slack,
        "threading.yaml": threading,
    ]

    private static let settings = """
        app: name version description debug reload cors_*
        database: pool_size max_overflow pool_timeout pool_recycle echo
        llm: temperature retry_delay_seconds
        mcp: health_check_retries tool_cache_ttl_seconds
        audit: enabled log_to_file log_file_path log_tool_calls log_failed_attempts log_blocked_actions
        rate_limiting: enabled default_requests_per_minute default_requests_per_hour default_burst
        rate_limiting: cleanup_interval_seconds
        security: api_key_* jwt_* allow_credentials allowed_methods allowed_headers
        performance: request_timeout_seconds max_concurrent_requests_per_user compression_* caching_enabled
        monitoring: health_check_enabled metrics_enabled metrics_port tracing_enabled
        features: conversation_context result_caching async_jobs web_ui
        /: notifications
        maintenance: auto_cleanup_enabled cleanup_schedule backup_*
        development: pretty_json include_debug_info fake_llm_enabled mock_mcps_enabled
        logging: date_format console_* file_* loggers
        """

    private static let mcps = """
        global: auto_discovery_enabled
        global.retry: max_attempts delay_seconds connection_max_age_seconds
        mcps[].retry: max_attempts delay_seconds connection_max_age_seconds
        mcps[].rate_limit: requests_per_minute burst
        tool_patterns: analysis write_operations
        audit: log_all_requests alert_on_patterns watch_users export_to_siem siem_endpoint
        advanced: allow_tool_chaining max_chain_length allow_parallel_execution max_parallel_tools cache_tool_results
        advanced: cache_ttl_seconds mcp_fallback_enabled fallback_strategy
        """

    private static let users = """
        super_admins[]: description teams
        users[]: teams description
        roles.*: color
        roles.*.rate_limit: requests_per_hour concurrent_requests
        roles.*.permissions: can_promote_users can_delete_data can_view_audit_logs
        teams.*: name description slack_channel notify_on_errors
        auto_provisioning: enabled default_role require_approval notify_admins notification_channel
        auto_provisioning.email_domain_mapping.*: default_role require_approval
        auto_provisioning.slack_team_mapping.*: default_role require_approval
        session: timeout_minutes max_concurrent_sessions remember_me_days storage
        restrictions: max_failed_attempts lockout_duration_minutes max_blocked_actions_per_hour
        restrictions: auto_suspend_on_violations ip_whitelist_enabled allowed_ips
        user_audit: track_activity log_authentication watch_users alert_on_suspicious_activity suspicious_patterns
        """

    private static let slack = """
        slack: signing_secret socket_mode port bot_icon
        commands[]: topics subcommands
        behavior: show_typing max_retries retry_delay_seconds friendly_errors
        user_info_display: role_colors
        channels.notifications: enabled channel events
        channels.admin_alerts: events
        channels.error_logs: enabled channel minimum_severity
        channels.audit_trail: enabled channel events
        formatting: use_threads thread_threshold_lines code_block_style
        templates: rate_limit
        interactive: buttons use_select_menus
        security: verify_signatures workspace_restriction block_bot_users slack_rate_limit enforce_channel_restrictions
        logging: log_all_messages include_metadata metadata_fields debug log_file log_rotation log_retention_days
        advanced: scheduled_messages conversation_mode workflow_integration
        """

    private static let threading = """
        threading.behavior: always_use_threads new_thread_per_conversation
        threading.context: format
        threading.metadata: track_created_at track_starter_user storage
        direct_messages: use_threads
        """
}
