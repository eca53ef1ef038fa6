/// Checks the whole chain, or its days since one, page by page.
struct AuditVerifier: Sendable {
    /// Misplaced rows of a day beyond this number are looked up no more.
    private static let mostLookups = 200

    let store: Store
    /// The key of this process, which must have signed the newest head; nil: any key of `audit_keys` counts.
    let trusted: AuditKey?
    /// The first day to check; nil: all.
    let since: String?
    var pageSize = 500

    func run() async throws -> AuditVerification {
        let overview = try await store.chainOverview()
        var result = AuditVerification()
        result.unsealed = overview.unsealed
        result.lastHead = overview.heads.last
        let names = Set(overview.heads.map(\.day)).union(overview.days.keys).union(overview.recordedDays)
            .union(overview.removedDays.keys).sorted()
        let heads = Dictionary(overview.heads.map { ($0.day, $0) }, uniquingKeysWith: { first, _ in first })
        var starts: Set = [AuditDigest.start]
        for name in names {
            let head = heads[name]
            var lastHash: String?
            if since.map({ name >= $0 }) ?? true {
                if let head { result.keys[head.keyID, default: 0] += 1 }
                let rows = overview.days[name]
                if rows != nil || overview.recordedDays.contains(name) {
                    let counted = rows ?? ChainOverview.Day(rows: 0, last: 0)
                    let day = try await check(name, counted, head, starts, overview)
                    result.count(day)
                    lastHash = day.lastHash
                } else if let head {
                    result.check(removed: head, overview)
                } else {
                    result.add([AuditFinding(.headMissing, day: name)])
                }
            }
            if head != nil || lastHash != nil { starts = Set([head?.hash, lastHash].compactMap { $0 }) }
        }
        if overview.strays > 0 {
            let detail = "\(overview.strays) rows have a position without a day"
            result.add([AuditFinding(.rowAdded, day: "", detail: detail)])
        }
        return result
    }

    private func check(
        _ name: String, _ counted: ChainOverview.Day, _ head: AuditHead?, _ starts: Set<String>,
        _ overview: ChainOverview
    ) async throws -> ChainDay {
        var day = ChainDay(day: name, starts: starts)
        let last = max(counted.last, head?.seq ?? 0)
        var position: Int64 = 0
        while position < last {
            let page = try await store.chainPage(name, after: position, through: last, limit: pageSize)
            for place in page.places {
                switch place {
                case .row(let row): day.take(row)
                case .removed(let removed):
                    day.take(removed, isSigned: removed.isSigned(by: overview.keys[removed.keyID]))
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
    fileprivate mutating func check(removed head: AuditHead, _ overview: ChainOverview) {
        if overview.trust(head, nil) != .signed {
            return add([AuditFinding(.headChanged, day: head.day, detail: "position \(head.seq), key \(head.keyID)")])
        }
        guard let record = overview.removedDays[head.day] else {
            return add([AuditFinding(.dayRemoved, day: head.day, positions: 1...max(1, head.seq))])
        }
        guard record.hash == head.hash, record.isSigned(by: overview.keys[record.keyID]) else {
            return add([AuditFinding(.removalChanged, day: head.day)])
        }
        removedDays += 1
    }
}
