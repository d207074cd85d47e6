import { execSync } from 'node:child_process';
import { HouseUnderLoad } from './crowd/house-under-load.ts';
const house = await HouseUnderLoad.open(1000);
try {
  console.log(await house.crowd.growTo(1000));
  let lastSum = 0;
  for (let i = 0; i < 9; i++) {
    await new Promise((r) => setTimeout(r, 2500));
    const s = await house.status(); const t = await house.crowd.tell();
    const sum = t.lasts.reduce((a, b) => a + b, 0);
    const ss = execSync("ss -xn | awk 'NR>1 && ($3>0||$4>0){print $1,$3,$4,$5}' | sort -k2nr | head -4; ss -tn | awk 'NR>1{r+=$2;s+=$3; if($2>0)rn++; if($3>0)sn++}END{print \"tcp recvq\",r,rn,\"sendq\",s,sn}'").toString();
    const th = s.threads[0];
    console.log(i, { ticks: th?.ticks, late: th?.latenessMs.p99, lateAnswers: th?.lateAnswers, sent: t.sent, received: t.received, left: sum - lastSum, genLate: t.lateMs.p99, gencpu: t.cpuMs, backlog: s.ledger, ref: t.refusals.length }, '\n', ss.trim());
    lastSum = sum;
    if (i === 6) console.log(execSync('uptime').toString());
  }
} finally { await house.close(); }
console.log(house.server.output.split('\n').filter((l) => l.startsWith('{"level"')).length);
