/// Checks the whole chain, or its days since one, page by page.
struct AuditVerifier: Sendable {
    /// Misplaced rows of a day beyond this number are looked up no more.
    private static let mostLookups = 200
    /// How often a day is checked of which rows are removed meanwhile.
    private static let mostTries = 3

    let store: Store
    /// The key of this process, which must have signed the newest head; nil: any key of `audit_keys` counts.
    let trusted: AuditKey?
    /// The first day to check; nil: all.
    let since: String?
    var pageSize = 500

    func run() async throws -> AuditVerification { try await run(try await store.chainOverview()) }

    /// The same with an overview that was read before.
    func run(_ overview: ChainOverview) async throws -> AuditVerification {
        var result = AuditVerification()
        result.unsealed = overview.unsealed
        result.lastHead = overview.heads.last
        let names = Set(overview.heads.map(\.day)).union(overview.days.keys).sorted()
        let heads = Dictionary(overview.heads.map { ($0.day, $0) }, uniquingKeysWith: { first, _ in first })
        var starts: Set = [AuditDigest.start]
        for name in names {
            let head = heads[name]
            var lastHash: String?
            if since.map({ name >= $0 }) ?? true {
                if let head { result.keys[head.keyID, default: 0] += 1 }
                lastHash = try await check(name, head, starts, overview, &result)
            }
            if head != nil || lastHash != nil { starts = Set([head?.hash, lastHash].compactMap { $0 }) }
        }
        if overview.strays > 0 {
            let detail = "\(overview.strays) rows have a position without a day"
            result.add([AuditFinding(.rowAdded, day: "", detail: detail)])
        }
        return result
    }

    /// Checks a day, and again if the retention has removed rows of it meanwhile. Returns its last hash; nil for a day
    /// without rows.
    private func check(
        _ name: String, _ head: AuditHead?, _ starts: Set<String>, _ overview: ChainOverview,
        _ result: inout AuditVerification
    ) async throws -> String? {
        var present = overview.days[name] ?? ChainOverview.Day()
        var tries = Self.mostTries
        while true {
            guard present.rows > 0 || present.isRecorded else {
                if let head {
                    result.check(removed: head, present.removed, overview, trusted)
                } else {
                    result.add([AuditFinding(.headMissing, day: name)])
                }
                return nil
            }
            let last = max(present.last, head?.seq ?? 0)
            let day = try await check(name, present, through: last, head, starts, overview)
            tries -= 1
            if !day.findings.isEmpty, tries > 0 {
                let now = try await store.chainDay(name, through: last)
                if now != present {
                    present = now
                    continue
                }
            }
            result.count(day)
            return day.lastHash
        }
    }

    private func check(
        _ name: String, _ counted: ChainOverview.Day, through last: Int64, _ head: AuditHead?, _ starts: Set<String>,
        _ overview: ChainOverview
    ) async throws -> ChainDay {
        var day = ChainDay(day: name, starts: starts)
        var position: Int64 = 0
        while position < last {
            let page = try await store.chainPage(name, after: position, through: last, limit: pageSize)
            for place in page.places {
                switch place {
                case .row(let row): day.take(row)
                case .removed(let removed):
                    day.take(removed, isSigned: overview.trusts(removed, trusted))
                }
            }
            position = page.end
        }
        day.compare(counted: counted.rows)
        day.end(head, head.map { overview.trust($0, trusted) } ?? .signed)
        var positions: [String: Int64] = [:]
        for row in day.misplaced.prefix(Self.mostLookups) {
            positions[row.previousHash] = try await store.position(of: row.previousHash, in: name)
        }
        day.decide(positions: positions)
        return day
    }
}

extension AuditVerification {
    fileprivate mutating func count(_ day: ChainDay) {
        days += 1
        rows += day.rows
        removedRows += day.removedRows
        forgotten += day.forgotten
        add(day.findings)
    }

    /// A day without rows needs the signed record of its removal.
    fileprivate mutating func check(
        removed head: AuditHead, _ record: RemovedRow?, _ overview: ChainOverview, _ trusted: AuditKey?
    ) {
        switch overview.trust(head, trusted) {
        case .changed:
            return add([AuditFinding(.headChanged, day: head.day, detail: "position \(head.seq), key \(head.keyID)")])
        case .unknownKey: add([AuditFinding(.unknownKey, day: head.day, detail: "key \(head.keyID)")])
        case .signed: break
        }
        guard let record else {
            return add([AuditFinding(.dayRemoved, day: head.day, positions: 1...max(1, head.seq))])
        }
        guard record.hash == head.hash, overview.trusts(record, trusted) else {
            return add([AuditFinding(.removalChanged, day: head.day)])
        }
        removedDays += 1
    }
}
