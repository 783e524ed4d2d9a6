import { describe, expect, it } from 'vitest'
import { bytesField, encodeAttributes, encodeNames, encodePacket, MAX_PACKET_BYTES, PacketType, readFields, readPackets, SftpProtocolError, u32, u64 } from '../../../src/projects/ssh/sftp/packets.ts'

async function * inPieces (bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size)
}

async function packetsOf (bytes: Buffer, size: number): Promise<Buffer[]> {
  const packets: Buffer[] = []
  for await (const packet of readPackets(inPieces(bytes, size))) packets.push(Buffer.from(packet))
  return packets
}

describe('packets of SFTP', () => {
  it.each([1, 3, 4, 5, 1000])('come whole in pieces of %d bytes', async (size) => {
    const packets = [encodePacket(PacketType.STAT, 7, bytesField('a')), encodePacket(PacketType.WRITE, 8, bytesField('handle'), u64(9), bytesField(Buffer.alloc(300, 1)))]
    expect(await packetsOf(Buffer.concat(packets), size)).toEqual(packets.map((packet) => packet.subarray(4)))
  })

  it('that are empty, or larger than any may be, end it before they are there', async () => {
    await expect(packetsOf(u32(0), 4)).rejects.toThrow(SftpProtocolError)
    await expect(packetsOf(u32(MAX_PACKET_BYTES + 1), 4)).rejects.toThrow(SftpProtocolError)
    await expect(packetsOf(u32(0xffffffff), 4)).rejects.toThrow(SftpProtocolError)
  })

  it('that are cut off are none', async () => {
    expect(await packetsOf(encodePacket(PacketType.STAT, 7, bytesField('abc')).subarray(0, -1), 4)).toEqual([])
  })

  it('have their fields one after the other, and no more', () => {
    const fields = readFields(Buffer.concat([Buffer.of(5), u32(6), u64(2 ** 40), bytesField('name')]))
    expect([fields.u8(), fields.u32(), fields.u64(), fields.bytes().toString()]).toEqual([5, 6, 2 ** 40, 'name'])
    expect(fields.u8).toThrow(SftpProtocolError)
    expect(() => readFields(u32(100)).bytes()).toThrow(SftpProtocolError)
    expect(() => readFields(Buffer.alloc(8, 0xff)).u64()).toThrow(SftpProtocolError)
  })

  it('have attributes, those left out that nobody keeps', () => {
    expect(readFields(u32(0)).attributes()).toEqual({})
    const all = Buffer.concat([u32(0x8000000f), u64(5), u32(1000), u32(1001), u32(0o644), u32(10), u32(20), u32(1), bytesField('more'), bytesField('of it'), u32(99)])
    const fields = readFields(all)
    expect(fields.attributes()).toEqual({ size: 5, owner: { uid: 1000, gid: 1001 }, mode: 0o644, mtime: 20 })
    expect(fields.u32()).toBe(99)
    expect(readFields(encodeAttributes({ size: 3, mode: 0o100600, mtime: 7 })).attributes()).toEqual({ size: 3, mode: 0o100600, mtime: 7 })
    expect(() => readFields(Buffer.concat([u32(0x80000000), u32(0xffffffff)])).attributes()).toThrow(SftpProtocolError)
  })

  it('carry names as bytes', () => {
    const name = Buffer.from([0xff, 0x2f])
    const fields = readFields(encodeNames(1, [{ name, longName: name }]).subarray(4))
    expect([fields.u8(), fields.u32(), fields.u32(), fields.bytes()]).toEqual([PacketType.NAME, 1, 1, name])
  })
})
