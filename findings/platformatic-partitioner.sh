#!/usr/bin/env bash
# @platformatic/kafka 2.12.1 hashes keys with murmur2 as Java does, but its default partitioner makes the hash unsigned
# where Java and kafkajs clear the sign bit. With six partitions about half of the keys go to another partition, so a
# second producer on a topic splits the events of one key over two partitions and their order is lost.
# `compatibilityPartitioner` of the same package agrees with Java; it has to be asked for.
# Fails when the default agrees with kafkajs, or the compatible one does not.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
install_npm @platformatic/kafka@2.12.1 kafkajs@2.2.4

cat >partitions.mjs <<'JS'
import { createHash } from 'node:crypto';
import { compatibilityPartitioner, defaultPartitioner } from '@platformatic/kafka';
import kafkajs from 'kafkajs';
const PARTITIONS = 6;
const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({ partitionId, leader: 1 }));
const java = kafkajs.Partitioners.DefaultPartitioner();
const keys = Array.from({ length: 300 }, (_, n) => Buffer.from(createHash('sha256').update(`${n}`).digest('hex')));
const agreeing = (partitioner) =>
  keys.filter((key) => partitioner({}, key) % PARTITIONS === java({ topic: 't', partitionMetadata, message: { key } })).length;
console.log('default partitioner, keys on the same partition as kafkajs:', agreeing(defaultPartitioner), 'of 300');
console.log('compatibilityPartitioner:', agreeing(compatibilityPartitioner), 'of 300');
JS

expect node partitions.mjs <<'SEEN'
default partitioner, keys on the same partition as kafkajs: 142 of 300
compatibilityPartitioner: 300 of 300
SEEN
