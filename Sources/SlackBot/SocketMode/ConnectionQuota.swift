/// The number of Socket Mode connections, from the number of live processes.
struct ConnectionQuota: Sendable, Hashable {
    let processes: Int

    /// Connections of one process. Slack allows ten connections for each app.
    var perProcess: Int { processes > 4 ? 1 : 2 }
    var total: Int { max(1, processes) * perProcess }
}
