/// How many connections are wanted, from the number of live processes (decisions, section 1).
struct ConnectionQuota: Sendable, Hashable {
    let processes: Int

    /// Slack allows ten an app.
    var perProcess: Int { processes > 4 ? 1 : 2 }
    var total: Int { max(1, processes) * perProcess }
}
