extension Migration {
    /// The leases of the background jobs: of several processes one runs a job.
    ///
    /// They replace `rollup_state.rebuilding_until`, which stays for processes of earlier versions.
    static let jobLeases = Migration(version: 7, description: "leases of background jobs") { dialect in
        let time = dialect == .postgres ? "timestamptz" : "TEXT"
        return [
            """
            CREATE TABLE job_leases (
                job text NOT NULL PRIMARY KEY,
                owner text NOT NULL,
                epoch bigint NOT NULL,
                lease_until \(time)
            );
            """
        ]
    }
}
