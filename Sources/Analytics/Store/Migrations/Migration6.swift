extension Migration {
    /// The sums of days by month, and up to which day they are made. Does not compute them: see
    /// ``Store/sumMonths(now:)``.
    static let months = Migration(version: 6, description: "monthly totals of the reports") { dialect in
        let isPostgres = dialect == .postgres
        let (time, options) = (isPostgres ? "timestamptz" : "TEXT", isPostgres ? "" : " WITHOUT ROWID")
        return [
            """
            CREATE TABLE usage_months (
                month text NOT NULL,
                dimension text NOT NULL,
                name text NOT NULL,
                detail text NOT NULL,
                questions bigint NOT NULL,
                errors bigint NOT NULL,
                warnings bigint NOT NULL,
                blocked bigint NOT NULL,
                calls bigint NOT NULL,
                failed_calls bigint NOT NULL,
                denied_calls bigint NOT NULL,
                iterations bigint NOT NULL,
                tokens_input bigint NOT NULL,
                tokens_output bigint NOT NULL,
                tokens_cached bigint NOT NULL,
                tokens_cache_write bigint NOT NULL,
                cost_nano bigint NOT NULL,
                unpriced bigint NOT NULL,
                ms bigint NOT NULL,
                last_at \(time) NOT NULL,
                PRIMARY KEY (dimension, month, name, detail)
            )\(options);
            CREATE TABLE latency_months (
                month text NOT NULL,
                dimension text NOT NULL,
                name text NOT NULL,
                detail text NOT NULL,
                bucket integer NOT NULL,
                count bigint NOT NULL,
                PRIMARY KEY (dimension, month, name, detail, bucket)
            )\(options);
            CREATE TABLE error_months (
                month text NOT NULL,
                dimension text NOT NULL,
                name text NOT NULL,
                detail text NOT NULL,
                message text NOT NULL,
                count bigint NOT NULL,
                last_at \(time) NOT NULL,
                PRIMARY KEY (dimension, month, name, detail, message)
            )\(options);
            CREATE TABLE rollup_months (
                month text NOT NULL PRIMARY KEY,
                last_day text NOT NULL,
                summed_at \(time)
            );
            """
        ]
    }
}
